// A desktop that shows a code to a phone: as soon as that is answered, the page is asked for again and goes on.
const { scan } = document.querySelector("main[data-scan]").dataset;
const ask = async () => {
  try {
    const answer = await fetch(`/sign-in/state?scan=${scan}`, { credentials: "same-origin" });
    if (!answer.ok || (await answer.json()).state !== "waiting") return location.reload();
  } catch {
    // No network: the next question may have one.
  }
  setTimeout(ask, 2000);
};
setTimeout(ask, 2000);
