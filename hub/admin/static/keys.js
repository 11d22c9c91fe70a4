// "/" goes to the search box, on every page, unless something is being typed. Everything works without this file.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const box = document.getElementById("q");
  if (box) box.focus();
  else if (document.querySelector('nav a[href="/contacts"]')) location.assign("/contacts");
});
