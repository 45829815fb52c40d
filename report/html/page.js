"use strict";
(() => {
  const findings = [...document.querySelectorAll(".finding")];
  const search = document.querySelector("#search");
  const shown = document.querySelector("#shown");
  const boxes = [...document.querySelectorAll("[data-filter]")];
  const root = document.documentElement;

  const filter = () => {
    const words = (search ? search.value : "").toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Map();
    for (const box of boxes) {
      if (!box.checked) off.set(box.dataset.filter, (off.get(box.dataset.filter) || new Set()).add(box.value));
    }
    let count = 0;
    for (const finding of findings) {
      const data = finding.dataset;
      const hidden = [...off].some(([name, values]) => values.has(data[name])) ||
          words.some((word) => !data.text.includes(word));
      finding.hidden = hidden;
      if (!hidden) ++count;
    }
    if (shown) shown.textContent = `${count} of ${findings.length}`;
  };

  const fold = (open) => {
    for (const finding of findings) {
      if (!finding.hidden) finding.firstElementChild.open = open;
    }
  };

  const turn = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };

  const step = (by) => {
    const visible = findings.filter((finding) => !finding.hidden);
    const at = visible.findIndex((finding) => finding.contains(document.activeElement));
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by];
    if (next) next.querySelector("summary").focus();
  };

  const show = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.classList.contains("finding")) return;
    target.hidden = false;
    target.firstElementChild.open = true;
    target.scrollIntoView();
  };

  const actions = {open: () => fold(true), close: () => fold(false), theme: turn, print: () => print()};
  const keys = {
    "/": () => search && search.focus(), j: () => step(1), k: () => step(-1), e: actions.open, c: actions.close, t: turn,
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button) actions[button.dataset.action]();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === search) return search.blur();
    if (/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName) && document.activeElement.type !== "checkbox") return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  if (search) search.addEventListener("input", filter);
  for (const box of boxes) box.addEventListener("change", filter);
  addEventListener("hashchange", show);

  // On paper nothing can be unfolded.
  const closed = [];
  addEventListener("beforeprint", () => {
    closed.push(...findings.filter((finding) => !finding.firstElementChild.open));
    for (const finding of closed) finding.firstElementChild.open = true;
  });
  addEventListener("afterprint", () => {
    for (const finding of closed.splice(0)) finding.firstElementChild.open = false;
  });
  filter();
  show();
})();
