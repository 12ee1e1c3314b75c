// The only script of a report. The page is complete without it: this hides, sorts, filters and copies what is there, and asks nobody.

const report = JSON.parse(document.getElementById("report").textContent);

/** An element with its attributes, inside a parent when one is given. */
function make(name, attributes, text, parent) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

// ---- navigation: an open list of pages closes when the reader turns away ----

function startNavigation(nav) {
  const close = (except) => {
    for (const group of nav.querySelectorAll("details[open]")) if (group !== except) group.open = false;
  };
  document.addEventListener("click", (event) => close(event.target.closest(".nav-group")));
  nav.addEventListener("keydown", (event) => {
    const group = event.target.closest(".nav-group[open]");
    if (event.key !== "Escape" || group === null) return;
    close();
    group.querySelector("summary").focus();
  });
  nav.addEventListener("focusout", (event) => {
    if (event.relatedTarget !== null) close(event.relatedTarget.closest(".nav-group"));
  });
}

// ---- presets: one period at a time, by mouse, keyboard or address (#30d, #2026-w06, #30d+year) ----

const asked = location.hash.slice(1).split("+");

function startPresets(presets) {
  const tabs = [...presets.querySelectorAll("[role=tab]")];
  const panels = [...presets.querySelectorAll(":scope > .preset")];
  const bar = presets.querySelector(".tabs");
  const lists = new Map();
  const idOf = (panel) => panel.id.replace("preset-", "");
  const show = (id) => {
    for (const panel of panels) panel.hidden = idOf(panel) !== id;
    const isTab = tabs.some((tab) => tab.dataset.preset === id);
    tabs.forEach((tab, position) => {
      const isChosen = tab.dataset.preset === id;
      tab.setAttribute("aria-selected", String(isChosen));
      // One of them can always be reached, also when a week or a month is chosen.
      tab.tabIndex = isChosen || (!isTab && position === 0) ? 0 : -1;
    });
    for (const list of lists.values()) {
      list.value = [...list.options].some((option) => option.value === id) ? id : "";
      list.classList.toggle("chosen", list.value !== "");
    }
  };
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab.dataset.preset));
    tab.addEventListener("keydown", (event) => {
      const ends = { Home: 0, End: tabs.length - 1 };
      const target = ends[event.key] ?? (event.key in steps ? index + steps[event.key] : undefined);
      if (target === undefined) return;
      event.preventDefault();
      const next = tabs[(target + tabs.length) % tabs.length];
      show(next.dataset.preset);
      next.focus();
    });
  });
  for (const panel of panels) {
    const { group, label } = panel.dataset;
    panel.setAttribute("role", group === undefined ? "tabpanel" : "region");
    if (group === undefined) panel.setAttribute("aria-labelledby", `tab-${idOf(panel)}`);
    else {
      panel.setAttribute("aria-label", label);
      const list = lists.get(group) ?? make("select", { "aria-label": group }, undefined, bar);
      if (!lists.has(group)) make("option", { value: "" }, `${group} …`, list);
      lists.set(group, list);
      make("option", { value: idOf(panel) }, label, list);
    }
  }
  for (const list of lists.values())
    list.addEventListener("change", () => show(list.value || presets.dataset.selected));
  presets.classList.add("scripted");
  bar.hidden = false;
  const ids = panels.map(idOf);
  show([...asked, presets.dataset.selected, ids[0]].find((id) => ids.includes(id)));
}

// ---- comparisons: against the days before or the year before, for the whole page ----

function startComparisons() {
  const marked = [...document.querySelectorAll("[data-versus]")];
  const names = { previous: "vs. period before", year: "vs. year before" };
  if (Object.keys(names).some((name) => !marked.some((element) => element.dataset.versus === name))) return;
  const main = document.getElementById("content");
  const bar = document.querySelector("[data-presets] .tabs") ?? make("div", { class: "tabs" });
  if (!bar.isConnected) main.prepend(bar);
  const group = make("div", { class: "switch", role: "group", "aria-label": "Compare with" }, undefined, bar);
  const buttons = Object.entries(names).map(([name, text]) => {
    const button = make("button", { type: "button" }, text, group);
    button.addEventListener("click", () => show(name));
    return [name, button];
  });
  const show = (chosen) => {
    for (const element of marked) element.hidden = element.dataset.versus !== chosen;
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === chosen));
  };
  show(asked.includes("year") ? "year" : "previous");
}

// ---- tables: sorted by a column, kept by a value, opened row by row, copied, saved ----

/** The words of a cell, without its footnote mark, its spoken judgement and its button. */
function textOf(cell) {
  return [...cell.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent)
    .join("")
    .trim();
}

const exactOf = (cell) => cell.dataset.exact ?? textOf(cell);

function isNumber(text) {
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}

/** What a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
function inert(text) {
  return !isNumber(text) && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(text) {
  const safe = inert(text);
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows of a table with the rows that are parts of them. */
function treeOf(body) {
  const roots = { level: 0, parts: [] };
  const trail = [roots];
  for (const element of body.rows) {
    const row = { element, level: Number(element.dataset.level ?? 1), parts: [], open: false, kept: true };
    while (trail.at(-1).level >= row.level) trail.pop();
    row.parent = trail.at(-1);
    row.parent.parts.push(row);
    trail.push(row);
  }
  return roots;
}

function eachRow(row, action) {
  for (const part of row.parts) {
    action(part);
    eachRow(part, action);
  }
}

/** Everything in it, closed rows included: titles, rows, total. Parts say how deep they lie and what they are part of. */
function gridOf(table, roots) {
  const hasParts = table.tBodies[0].querySelector("[data-level]") !== null;
  const line = (cells, level, parent) => [...(hasParts ? [level, parent] : []), ...[...cells].map(exactOf)];
  const lines = [];
  eachRow(roots, (row) => {
    const parent = row.parent.element === undefined ? "" : exactOf(row.parent.element.cells[0]);
    if (row.kept) lines.push(line(row.element.cells, String(row.level), parent));
  });
  const titles = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const foot = table.tFoot === null || table.tFoot.hidden ? [] : [line(table.tFoot.rows[0].cells, "", "")];
  return [[...(hasParts ? ["Level", "Part of"] : []), ...titles], ...lines, ...foot];
}

/** The clipboard of the browser, or the old command where there is none. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "quiet", "aria-hidden": "true" }, undefined, document.body);
    area.value = text;
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function saveText(name, text) {
  // The address is not taken back: some browsers read it late, and it goes with the page.
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href: address, download: name }).click();
}

function fileName(title) {
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${report.id}-${report.context.asOf}-${slug.slice(0, 60).replace(/^-+|-+$/g, "") || "table"}.csv`;
}

function addTools({ box, table, roots, title }) {
  const tools = make("div", { class: "tools" }, undefined, box.querySelector(".table-head"));
  const told = make("span", { class: "told", role: "status" }, undefined, tools);
  const tool = (text, label, action) => {
    const button = make("button", { type: "button", "aria-label": `${text}: ${title}` }, text, tools);
    button.title = label;
    button.addEventListener("click", action);
  };
  tool("Copy", "Copy the exact values for a spreadsheet", async () => {
    const grid = gridOf(table, roots);
    const done = await copyText(grid.map((cells) => cells.map(inert).join("\t")).join("\n"));
    told.textContent = done ? `Copied ${grid.length - 1} rows` : "The browser refused to copy";
  });
  tool("CSV", "Save the exact values as a CSV file", () => {
    const grid = gridOf(table, roots);
    // The mark tells spreadsheets that names are written in UTF-8.
    saveText(fileName(title), `\uFEFF${grid.map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`);
    told.textContent = `Saved ${grid.length - 1} rows`;
  });
  return tools;
}

/** Parts stay with what they are part of; cells without a value come last in both directions. */
function sortRows(roots, column, direction) {
  const keyOf = (row) => row.element.cells[column].dataset.order ?? exactOf(row.element.cells[column]);
  const keys = new Map();
  eachRow(roots, (row) => keys.set(row, keyOf(row)));
  const numeric = [...keys.values()].every((key) => key === "" || isNumber(key));
  const compare = (a, b) => (numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true }));
  const sortParts = (row) => {
    row.parts.sort((first, second) => {
      const [a, b] = [keys.get(first), keys.get(second)];
      if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
      return compare(a, b) * direction;
    });
    row.parts.forEach(sortParts);
  };
  sortParts(roots);
}

const FEWEST_TO_SORT = 3;

function addSorting({ table, roots }) {
  const heads = [...table.tHead.rows[0].cells];
  if (table.tBodies[0].rows.length < FEWEST_TO_SORT) return;
  heads.forEach((head, column) => {
    const button = make("button", { type: "button", class: "sort" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      // Figures are looked at from the top, names from A.
      const first = head.classList.contains("right") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const one of heads) one.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      sortRows(roots, column, order === "ascending" ? 1 : -1);
      eachRow(roots, (row) => table.tBodies[0].append(row.element));
    });
  });
}

/** Shows what is kept and whose way up is open. */
function showRows(roots) {
  eachRow(roots, (row) => {
    const isReached = row.parent === roots || (row.parent.open && !row.parent.element.hidden);
    row.element.hidden = !(row.kept && isReached);
  });
}

function addOpening({ roots, tools }) {
  const parents = [];
  eachRow(roots, (row) => {
    if (row.parts.length > 0) parents.push(row);
  });
  if (parents.length === 0) return;
  const all = make("button", { type: "button", "aria-expanded": "false" }, "Open all");
  const set = (row, open) => {
    row.open = open;
    row.button.setAttribute("aria-expanded", String(open));
  };
  for (const row of parents) {
    const cell = row.element.cells[0];
    row.button = make("button", { type: "button", class: "open", "aria-label": `Parts of ${textOf(cell)}` });
    cell.prepend(row.button);
    set(row, false);
    row.button.addEventListener("click", () => {
      set(row, !row.open);
      showRows(roots);
    });
  }
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-expanded") !== "true";
    for (const row of parents) set(row, open);
    all.setAttribute("aria-expanded", String(open));
    all.textContent = open ? "Close all" : "Open all";
    showRows(roots);
  });
  tools.prepend(all);
  showRows(roots);
}

/** A choice among the values of a column; the total is that of all rows and goes while some are hidden. */
function addFilters({ table, roots, tools }) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.dataset.filter === undefined) return;
    const valueIn = (row) => exactOf(row.element.cells[column]);
    const values = new Set();
    eachRow(roots, (row) => values.add(valueIn(row)));
    if (values.size < 2) return;
    const title = head.textContent.trim();
    const select = make("select", { "aria-label": title });
    make("option", { value: "" }, `${title}: all`, select);
    for (const value of [...values].sort()) make("option", { value: `=${value}` }, value || "—", select);
    select.addEventListener("change", () => {
      eachRow(roots, (row) => {
        row.kept = select.value === "" || select.value === `=${valueIn(row)}`;
      });
      if (table.tFoot !== null) table.tFoot.hidden = select.value !== "";
      showRows(roots);
    });
    tools.prepend(select);
  });
}

function startTable(box) {
  const table = box.querySelector("table");
  // Other blocks stand in the same frame; an empty table has nothing to offer.
  const isTable = table !== null && box.querySelector(".table-head") !== null;
  if (!isTable || table.tBodies[0].rows.length === 0) return;
  const whole = { box, table, roots: treeOf(table.tBodies[0]), title: box.querySelector("h3").textContent };
  const parts = { ...whole, tools: addTools(whole) };
  addFilters(parts);
  addOpening(parts);
  addSorting(parts);
}

// ---- search: what bears all the words, of everything that the pages hold ----

function startSearch(list) {
  const box = make("div", { class: "search-box" });
  list.before(box);
  const field = make("input", {
    type: "search",
    "aria-label": "Search",
    placeholder: "Search pages, metrics, sections",
  });
  const told = make("span", { class: "told", role: "status" });
  box.append(field, told);
  const items = [...list.querySelectorAll("li")].map((item) => ({ item, text: item.textContent.toLowerCase() }));
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { item, text } of items) {
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) found += 1;
    }
    list.open = words.length > 0;
    told.textContent = words.length === 0 ? "" : `${found} found`;
  };
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value !== "") list.querySelector("li:not([hidden]) a")?.click();
  });
}

document.querySelectorAll("[data-search]").forEach(startSearch);
document.querySelectorAll(".bar nav").forEach(startNavigation);
document.querySelectorAll("[data-presets]").forEach(startPresets);
document.querySelectorAll("main .table").forEach(startTable);
startComparisons();
