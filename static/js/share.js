// In the Weibo client: its title bar, what its menu shares, and a button for the menu.
import { press } from "./press.js";
import { available, invoke } from "./weibo.js";

const [title, desc, icon] = ["title", "description", "image"].map((name) =>
  document.querySelector(`meta[property="og:${name}"]`)?.content ?? "");
const button = document.getElementById("share");
const menus = "shareToWeibo follow shareToMessage shareToWeixin shareToPYQ shareToQQ shareToQzone openInBrowser \
copyURL".split(" ");

available("setBrowserTitle", "setSharingContent", "setMenuItems", "openMenu").then((has) => {
  const tell = (action, params) => { if (has.includes(action)) invoke(action, params).catch(() => {}); };
  tell("setBrowserTitle", { title: document.title });
  if (!title) return;
  const card = { title, desc, icon };
  tell("setSharingContent", { ...card, external: card });
  tell("setMenuItems", { menus, content: desc, title, icon });
  if (!button || !has.includes("openMenu")) return;
  button.hidden = false;
  // Some menus answer only when they close.
  const open = () => invoke("openMenu", null, 3000).then(() => "", (error) => {
    if (error.message !== "absent") throw error;
  });
  press(button, document.getElementById("shared"), open);
});
