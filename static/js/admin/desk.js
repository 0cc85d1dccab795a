// Makes the desk quicker for who works at it all day; nothing here is needed.

const typing = (node) => node.closest?.('input,textarea,select,[contenteditable]');
const rows = () => [...document.querySelectorAll('table.list tbody tr')];
const places = { t: '/admin', p: '/admin/products', o: '/admin/orders', f: '/admin/fans', m: '/admin/money', s: '/admin/settings' };
let waiting = false;

const move = (by) => {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.findIndex((r) => r.contains(document.activeElement)) + by))];
  next?.querySelector('a,button,input')?.focus();
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && event.target.type !== 'checkbox')) return;
  const { key } = event;
  if (waiting && places[key]) location.assign(places[key]);
  waiting = key === 'g';
  if (key === '?') document.querySelector('dialog.keys')?.showModal();
  else if (key === '/') document.querySelector('input[type=search]')?.focus();
  else if (key === 'j') move(1);
  else if (key === 'k') move(-1);
  else if (key === 'x') document.activeElement.closest('tr')?.querySelector('.tick input')?.click();
  else return;
  event.preventDefault();
});

// One box for all boxes of a list.
document.querySelectorAll('th.tick').forEach((head) => {
  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', head.textContent.trim());
  all.addEventListener('change', () => {
    head.closest('table').querySelectorAll('td.tick input').forEach((one) => { one.checked = all.checked; });
  });
  head.append(all);
});

// What was typed is not lost by leaving.
document.querySelectorAll('form[data-guard]').forEach((form) => {
  let changed = form.querySelector('[aria-invalid]') !== null;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', () => { changed = false; });
  addEventListener('beforeunload', (event) => { if (changed) event.preventDefault(); });
});

document.querySelector('#wrongs')?.focus();
