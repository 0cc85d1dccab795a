// In the Weibo client: following by the client's own menu, whose code is 10002 (jsapi.md §6), else by the link.
import { available, invoke } from "./weibo.js";

const link = document.querySelector("#follow a");

const ask = (tap) => {
  tap.preventDefault();
  invoke("invokeMenuItem", { code: "10002" }, 3000).catch(({ message }) => {
    // She closed it: another tap asks again.
    if (message === "550") return;
    link.removeEventListener("click", ask);
    // Who got no answer may be reading the client's own question.
    if (message !== "absent") location.assign(link.href);
  });
};

available("invokeMenuItem").then(([has]) => { if (has) link.addEventListener("click", ask); });
