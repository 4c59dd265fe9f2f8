"""The script of `check`'s page: search, sorting, links to folded blocks. The page reads without it, too."""

__all__ = ["SCRIPT"]

SCRIPT = """
"use strict";
(() => {
  const body = document.querySelector("table.matrix tbody");
  const blocks = document.querySelectorAll("details.w");
  const open = () => {
    const id = location.hash.slice(1);
    const found = id && document.getElementById(id);
    if (found && found.tagName === "DETAILS") { found.open = true; found.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
  if (!body) return;
  document.querySelectorAll(".js").forEach((one) => { one.hidden = false; });
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const none = document.querySelector(".none");
  const search = document.getElementById("search");
  const find = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row) => {
      const shown = words.every((word) => texts.get(row).includes(word));
      row.hidden = !shown;
      count += shown;
      const id = row.querySelector("a").hash.slice(1);
      const block = document.getElementById(id);
      if (block) block.hidden = !shown;
    });
    none.hidden = count > 0;
  };
  search.addEventListener("input", find);
  const levels = ["undecided", "privileged", "baseline", "restricted"];
  const place = new Map(rows.map((row, number) => [row, number]));
  const level = (row) => levels.indexOf(row.querySelector(".level").classList[1]);
  const name = (row) => row.querySelector("a").textContent;
  const failures = (row) => row.querySelectorAll("td.e").length;
  const orders = {
    place: (a, b) => place.get(a) - place.get(b),
    name: (a, b) => name(a).localeCompare(name(b)),
    level: (a, b) => level(a) - level(b) || failures(b) - failures(a),
    errors: (a, b) => failures(b) - failures(a),
  };
  const sort = document.getElementById("sort");
  sort.addEventListener("change", () => body.append(...[...rows].sort(orders[sort.value])));
  document.querySelectorAll("table.matrix thead .c").forEach((head, number) => {
    head.title = "show the workloads that violate it";
    head.addEventListener("click", () => {
      const words = head.textContent;
      search.value = search.value === words ? "" : words;
      find();
    });
  });
})();
""".strip()
