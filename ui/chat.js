() => {
  // A marker in an answer opens its citation in the panel.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href*='#cite-']");
    if (!link) return;
    event.preventDefault();
    const item = document.getElementById(link.getAttribute("href").split("#")[1]);
    if (!item) return;
    document.querySelectorAll("#panel li.opened").forEach((other) => other.classList.remove("opened"));
    item.classList.add("opened");
    const details = item.querySelector("details");
    details.open = true;
    item.scrollIntoView({ behavior: "smooth", block: "nearest" });
    const mark = details.querySelector("mark");
    if (mark) mark.scrollIntoView({ behavior: "smooth", block: "nearest" });
  }, true);
}
