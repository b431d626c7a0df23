(() => {
  "use strict";
  const all = [...document.querySelectorAll("details.finding")];
  const severities = ["info", "low", "medium", "high", "critical"];

  for (const line of document.querySelectorAll(".cmd")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = line.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    line.append(button);
  }

  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", openTarget);
  // After the browser's own jump to the fragment, which takes the focus away.
  addEventListener("load", () => setTimeout(openTarget));

  let before = [];
  addEventListener("beforeprint", () => {
    before = all.map((finding) => finding.open);
    for (const finding of all) finding.open = true;
  });
  addEventListener("afterprint", () => {
    all.forEach((finding, index) => { finding.open = before[index]; });
  });

  const form = document.getElementById("filter");
  if (!form || all.length < 2) return;
  form.hidden = false;
  const fields = form.elements;
  const words = all.map((finding) => finding.textContent.toLowerCase());
  const apply = () => {
    const text = fields.text.value.trim().toLowerCase();
    const least = Number(fields.severity.value);
    let shown = 0;
    all.forEach((finding, index) => {
      const data = finding.dataset;
      const fits = (!text || words[index].includes(text))
        && (!fields.category.value || data.category === fields.category.value)
        && severities.indexOf(data.severity) >= least
        && (!fields.confirmed.checked || data.proof === "confirmed")
        && (!fields.undeclared.checked || data.declared === "no");
      finding.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    for (const part of document.querySelectorAll(".file, section.findings")) {
      part.hidden = !part.querySelector("details.finding:not([hidden]), figure");
    }
    fields.shown.value = shown === all.length ? `${all.length} findings` : `${shown} of ${all.length} findings`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
