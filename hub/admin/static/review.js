// One key, one decision: the next question is in the page already, and what was decided is sent behind the
// reviewer's back, in order, kept in this tab until the hub has it. Everything works without this file.
(() => {
  const place = document.getElementById("review");
  const notice = document.getElementById("notice");
  const KEPT = "review-outbox";
  const ALIVE_MS = 60000;
  const IDLE_MS = 300000;
  const FIRST_WAIT_MS = 500;
  const LONGEST_WAIT_MS = 10000;

  const ahead = [];
  const outbox = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
  let sending = false;
  let wait = FIRST_WAIT_MS;
  let active = performance.now();

  const current = () => place.querySelector("article.question");
  const items = () => [current(), ...ahead].filter(Boolean).map((one) => one.dataset.item);
  const keep = () => {
    sessionStorage.setItem(KEPT, JSON.stringify(outbox));
    place.dataset.waiting = outbox.length;
  };

  const say = (text, kind = "held") => {
    const note = document.createElement("div");
    note.className = `note ${kind}`;
    note.textContent = text;
    notice.replaceChildren(note);
  };

  const show = (article) => {
    const button = place.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    if (article) {
      const before = place.querySelector(".weights");
      const weights = article.querySelector(".weights");
      if (before && weights) weights.open = before.open;
      place.replaceChildren(article);
      const same = button && article.querySelector(`.answers button[data-key="${button}"]`);
      if (same) same.focus();
    } else {
      const empty = document.createElement("p");
      empty.className = "empty";
      empty.textContent = "The next question is on its way …";
      place.replaceChildren(empty);
    }
  };

  // how long the reviewer waits, for the page's own timeline
  const painted = (since) =>
    requestAnimationFrame(() => setTimeout(() => performance.measure("review-next", { start: since }), 0));

  const put = (path, fields) => {
    outbox.push({ path: path + place.dataset.query, fields });
    keep();
    pump();
  };

  const answer = (button) => {
    const since = performance.now();
    const article = current();
    const fields = Object.fromEntries(new FormData(article.querySelector("form.answers")));
    delete fields.form;
    show(ahead.shift());
    painted(since);
    put(`/review/items/${article.dataset.item}`, { ...fields, answer: button.value });
  };

  const undo = () => put("/review/undo", {});

  const pump = async () => {
    if (sending || !outbox.length) return;
    sending = true;
    const first = outbox[0];
    const others = outbox.slice(1).map((one) => (one.path.match(/items\/([^?]+)/) || [])[1]);
    const have = [...items(), ...others.filter(Boolean)].join(" ");
    try {
      const answered = await fetch(first.path, {
        method: "POST",
        headers: { "X-Form-Token": place.dataset.token, "X-Review": "script" },
        body: new URLSearchParams({ ...first.fields, have }),
      });
      if (answered.status === 401) {
        say(`Your session is over. ${outbox.length} answers are kept in this tab: sign in and load this page again.`);
        sending = false;
        return;
      }
      if (answered.status >= 500) throw new Error(String(answered.status));
      outbox.shift();
      keep();
      wait = FIRST_WAIT_MS;
      if (answered.ok || answered.status === 409) take(await answered.text());
      else say("The hub did not take an answer. Load the page again.", "failed");
    } catch {
      say(`No connection. ${outbox.length} to send; they are kept in this tab.`);
      await new Promise((go) => setTimeout(go, wait));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    sending = false;
    pump();
  };

  const take = (text) => {
    const news = new DOMParser().parseFromString(text, "text/html").getElementById("news");
    if (!news) return;
    document.getElementById("progress").replaceWith(document.adoptNode(news.querySelector("#progress")));
    const note = news.querySelector(":scope > .note");
    notice.replaceChildren(...(note ? [document.adoptNode(note)] : []));
    const again = [...news.querySelectorAll(".again article")];
    if (again.length) {
      const before = current();
      if (before) ahead.unshift(before);
      again.forEach((one) => drop(one.dataset.item));
      show(document.adoptNode(again[0]));
    }
    for (const one of news.querySelectorAll(".ahead article")) {
      if (!items().includes(one.dataset.item)) ahead.push(document.adoptNode(one));
    }
    if (!current()) {
      if (ahead.length) show(ahead.shift());
      else if (!outbox.length) location.assign(`/review${place.dataset.query}`);
    }
  };

  const drop = (item) => {
    const at = ahead.findIndex((one) => one.dataset.item === item);
    if (at >= 0) ahead.splice(at, 1);
  };

  const toggle = (selector) => {
    const found = document.querySelector(selector);
    if (found) found.open = !found.open;
  };

  const press = (key) => {
    const button = current() && current().querySelector(`.answers button[data-key="${key}"]`);
    if (button) return answer(button);
    const choice = current() && current().querySelector(`select[data-flip="${key}"]`);
    if (choice) {
      choice.selectedIndex = (choice.selectedIndex + 1) % choice.options.length;
      return;
    }
    if (key === "u") return undo();
    if (key === "w") return toggle(".weights");
    if (key === "a") {
      toggle(".asking");
      return current().querySelector(".asking textarea").focus();
    }
    if (key === "e") return current().querySelector(".reason input").focus();
    const link = current() && current().querySelector(`a[data-key="${key}"]`);
    if (link) link.click();
  };

  for (const sign of ["keydown", "pointermove"]) {
    document.addEventListener(sign, () => {
      active = performance.now();
    });
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing && event.key === "Escape") return typing.blur();
    if (typing || document.documentElement.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    if (!"mxsuwaecb123456789".includes(key) || (key !== "u" && !current())) return;
    event.preventDefault();
    press(key);
  });

  document.addEventListener("submit", (event) => {
    const isAnswer = event.target.matches("#review form.answers");
    if (!isAnswer && event.target.id !== "undo") return;
    event.preventDefault();
    if (isAnswer) answer(event.submitter || event.target.querySelector("button[data-key=s]"));
    else undo();
  });

  window.addEventListener("beforeunload", (event) => {
    if (outbox.length) event.preventDefault();
  });
  setInterval(() => {
    if (performance.now() - active > IDLE_MS) return;
    fetch("/review/alive", { method: "POST", headers: { "X-Form-Token": place.dataset.token }, body: new URLSearchParams() }).catch(() => {});
  }, ALIVE_MS);

  put("/review/next", {});
})();
