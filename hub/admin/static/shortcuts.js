// Keys of the lists: j and k go through the rows, Enter opens one, and a letter goes to what bears it. A letter follows
// a link and chooses a value, but only goes to a button: nothing is sent or changed by one key.
{
  const ROW = "tr[data-row]";
  const rows = () => [...document.querySelectorAll(ROW)];
  const current = () => document.querySelector(`${ROW}.now`);

  const go = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    for (const row of all) row.classList.toggle("now", row === next);
    next.scrollIntoView({ block: "nearest" });
    const link = next.querySelector("a");
    if (link) link.focus({ preventScroll: true });
  };

  const press = (key) => {
    const find = `[data-key="${CSS.escape(key)}"]`;
    const found = (current() && current().querySelector(find)) || document.querySelector(find);
    if (!found) return false;
    if (found.matches("a")) found.click();
    else if (found.matches("input[type=radio]")) {
      found.checked = true;
      found.focus();
    }
    else found.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    if (document.documentElement.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (event.key === "j" || event.key === "k") go(event.key === "j" ? 1 : -1);
    else if (!press(event.key)) return;
    event.preventDefault();
  });
}
