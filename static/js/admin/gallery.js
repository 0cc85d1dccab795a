// Sends pictures one by one and says how far each is. Without it the form sends them all at once.

const form = document.querySelector('#upload');
const files = form.querySelector('input[type=file]');
const list = document.querySelector('#outcomes');
const token = form.querySelector('[name=token]').value;
const heaviest = 20 * 1024 * 1024;
// What somebody else has saved meanwhile is not known here: then the version stays behind, and saving tells.
const version = () => document.querySelector('#pictures [name=version]');
const { sending, working, broken, heavy } = form.dataset;

const line = (file) => {
  const item = document.createElement('li');
  const [name, words, bar] = ['b', 'span', 'progress'].map((tag) => document.createElement(tag));
  name.textContent = file.name;
  words.textContent = sending;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', file.name);
  item.className = 'waiting';
  item.append(name, ' ', words, bar);
  list.append(item);
  return {
    bar,
    sent() { words.textContent = working; bar.removeAttribute('value'); },
    ends(hung, told) { words.textContent = told; bar.remove(); item.className = hung ? '' : 'refused'; },
  };
};

const send = (file, shown) => new Promise((done) => {
  const request = new XMLHttpRequest();
  const fails = () => { shown.ends(false, broken); done(false); };
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.setRequestHeader('X-Form-Token', token);
  request.upload.onprogress = (event) => { if (event.lengthComputable) shown.bar.value = event.loaded / event.total; };
  request.upload.onload = shown.sent;
  request.onerror = fails;
  request.onload = () => {
    let told;
    try { [told] = JSON.parse(request.responseText).outcomes; } catch { return fails(); }
    shown.ends(told.hung, told.words);
    if (told.hung && Number(version().value) + 1 === told.version) version().value = told.version;
    return done(told.hung);
  };
  const body = new FormData();
  body.append('file', file);
  request.send(body);
});

// New pictures join the page; what was typed beside the old ones stays.
const refresh = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  const [here, there] = [document, page].map((one) => one.querySelector('#pictures'));
  if (!there) throw new Error('signed out');
  here.querySelectorAll('.pictures input').forEach((typed) => {
    const fresh = there.querySelector(`[name="${typed.name}"]`);
    if (fresh && typed.value !== typed.defaultValue) fresh.value = typed.value;
  });
  here.querySelector('.pictures').replaceWith(document.adoptNode(there.querySelector('.pictures')));
  here.hidden = there.hidden;
  document.querySelector('#no-pictures').hidden = !there.hidden;
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  if (button.disabled) return;
  button.disabled = true;
  list.hidden = false;
  list.replaceChildren();
  const waiting = [...files.files].map((file) => [file, line(file)]);
  let hung = false;
  for (const [file, shown] of waiting) {
    if (file.size > heaviest) shown.ends(false, heavy);
    else hung = await send(file, shown) || hung;
  }
  if (hung) await refresh().catch(() => location.reload());
  form.reset();
  button.disabled = false;
});
