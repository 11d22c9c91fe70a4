// On every page, unless something is being typed: "/" goes to the search box, "g h" goes home, "?" tells the keys.
// Everything works without this file.
{
  const SECOND_KEY_MS = 1500;
  const has = (path) => document.querySelector(`nav a[href="${path}"]`);
  let waitsUntil = 0;

  const search = () => {
    const box = document.getElementById("q");
    if (box) box.focus();
    else if (has("/contacts")) location.assign("/contacts");
  };

  const tell = () => {
    const help = document.getElementById("help");
    if (!help) return;
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const isSecond = performance.now() < waitsUntil;
    waitsUntil = 0;
    if (event.key === "g" && has("/")) {
      waitsUntil = performance.now() + SECOND_KEY_MS;
      return;
    }
    if (event.key === "h" && isSecond) {
      event.stopImmediatePropagation();
      location.assign("/");
    } else if (event.key === "/") search();
    else if (event.key === "?") tell();
    else return;
    event.preventDefault();
  });
}
