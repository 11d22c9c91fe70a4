// Keeps the figures of Home moving while it is looked at. Without this file, or without its connection, the page says
// what was true when it was loaded.
{
  const sign = document.getElementById("live");
  const REST = 2000;
  let source = null;
  let over = false;
  let loadedAt = 0;

  const close = () => {
    if (source) source.close();
    source = null;
    sign.textContent = "";
  };

  // The tables anew, unless somebody is at a button in them.
  const reload = async () => {
    if (Date.now() - loadedAt < REST) return;
    loadedAt = Date.now();
    const answer = await fetch(location.pathname, { headers: { "X-Still": "1" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["cards", "streams"]) {
      const old = document.getElementById(id);
      const next = fresh.getElementById(id);
      if (old && next && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(next));
    }
  };

  const show = (news) => {
    for (const place of document.querySelectorAll("[data-live]")) {
      const text = news[place.dataset.live];
      if (text !== undefined && place.textContent !== text) place.textContent = text;
    }
    const turns = new Map([...document.querySelectorAll("[data-turn]")].map((row) => [row.dataset.turn, row.dataset.was]));
    const turned = Object.keys(news).some((name) => name.startsWith("turn.") && turns.get(name) !== news[name]);
    if (turned) reload().catch(() => {});
  };

  const listen = () => {
    if (source || over || document.hidden) return;
    source = new EventSource(sign.dataset.url);
    source.onopen = () => { sign.textContent = "live"; };
    source.onerror = () => { sign.textContent = ""; };
    source.onmessage = (event) => show(JSON.parse(event.data));
    source.addEventListener("over", () => { over = true; close(); });
  };

  // A browser opens only six connections to a host: a page that nobody sees leaves them to the others.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : listen()));
  addEventListener("pagehide", close);
  listen();
}
