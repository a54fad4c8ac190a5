// Chooses which questions are listed.
(function () {
  const text = document.getElementById("text"), slice = document.getElementById("slice"), lost = document.getElementById("lost");
  const shown = document.getElementById("shown"), all = Array.from(document.querySelectorAll("details.question"));
  function choose() {
    const wanted = text.value.trim().toLowerCase();
    let count = 0;
    for (const one of all) {
      const fits = (!wanted || one.textContent.toLowerCase().includes(wanted))
        && (!slice.value || JSON.parse(one.dataset.slices).includes(slice.value))
        && (!lost.checked || one.dataset.lost === "1");
      one.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = count + " / " + all.length;
  }
  for (const control of [text, slice, lost]) control.addEventListener("input", choose);
  choose();
})();
