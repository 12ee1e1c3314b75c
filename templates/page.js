// The only script of a report: one preset at a time, by mouse, keyboard or address (#30d). Without it all are shown.
for (const presets of document.querySelectorAll("[data-presets]")) {
  const tabs = [...presets.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  const show = (index, focus) => {
    tabs.forEach((tab, position) => {
      tab.setAttribute("aria-selected", String(position === index));
      tab.tabIndex = position === index ? 0 : -1;
      panels[position].hidden = position !== index;
    });
    if (focus) tabs[index].focus();
  };
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(index, false));
    tab.addEventListener("keydown", (event) => {
      const ends = { Home: 0, End: tabs.length - 1 };
      const target = ends[event.key] ?? (event.key in steps ? index + steps[event.key] : undefined);
      if (target === undefined) return;
      event.preventDefault();
      show((target + tabs.length) % tabs.length, true);
    });
  });
  const wanted = tabs.findIndex((tab) => `#${tab.dataset.preset}` === location.hash);
  const chosen = tabs.findIndex((tab) => tab.dataset.preset === presets.dataset.selected);
  presets.classList.add("scripted");
  presets.querySelector("[role=tablist]").hidden = false;
  for (const [index, panel] of panels.entries()) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tabs[index].id);
  }
  show(Math.max(0, wanted >= 0 ? wanted : chosen), false);
}
