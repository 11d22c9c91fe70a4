// On every page, unless something is being typed: "/" goes to the search box, "g h" goes home, "?" tells the keys.
// All keys of one letter can be switched off, for whoever speaks to the machine or hits them by chance: this browser
// remembers it, and every script asks `data-keys` of the page. Everything works without this file.
{
  const KEPT = "single-keys";
  const page = document.documentElement;
  const switches = document.querySelectorAll("[data-single-keys]");
  const SECOND_KEY_MS = 1500;
  const has = (path) => document.querySelector(`nav a[href="${path}"]`);
  let waitsUntil = 0;

  const search = () => {
    const box = document.getElementById("q");
    if (box) box.focus();
    else if (has("/contacts")) location.assign("/contacts");
  };

  // what was typed, or brought back by the browser, before the box searched while one types, which begins by a timer too
  const catchUp = () => {
    const box = document.getElementById("q");
    if (box && box.value !== box.defaultValue) box.dispatchEvent(new Event("search"));
  };
  window.addEventListener("load", () => setTimeout(catchUp));

  const tell = () => {
    const help = document.getElementById("help");
    if (!help) return;
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  };

  const turn = (on) => {
    page.dataset.keys = on ? "on" : "off";
    for (const one of switches) one.checked = on;
  };

  turn(localStorage.getItem(KEPT) !== "off");
  for (const one of switches) {
    one.addEventListener("change", () => {
      localStorage.setItem(KEPT, one.checked ? "on" : "off");
      turn(one.checked);
    });
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || page.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
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
