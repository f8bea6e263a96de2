const API = '/api/v1/migration';
const PHASES = ['JSON_ONLY', 'DUAL_WRITE', 'DATABASE_READS', 'DATABASE_ONLY'];
const MEANING = {
  JSON_ONLY: 'JSON files only', DUAL_WRITE: 'JSON rules, PostgreSQL follows',
  DATABASE_READS: 'PostgreSQL rules, JSON follows', DATABASE_ONLY: 'PostgreSQL only',
};
const KEY = 'home-budget-token';
const $ = id => document.getElementById(id);
let socket = null;
let pause = 1000;
let lastStatus = null;

/* Everything shown is set as text, never as markup: notes and reasons come from elsewhere. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

async function call(method, path, body) {
  const answer = await fetch(API + path, {
    method,
    headers: { Authorization: 'Bearer ' + sessionStorage.getItem(KEY), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (answer.status === 401) { askForToken('This token is not known.'); }
  if (!answer.ok) throw new Error(json.detail || answer.statusText);
  return json;
}

function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $('toast').hidden = true; }, 8000);
}

function askForToken(why) {
  sessionStorage.removeItem(KEY);
  if (socket) { socket.onclose = null; socket.close(); socket = null; }
  $('board').hidden = true; $('leave').hidden = true; $('entry').hidden = false;
  $('entry-error').textContent = why || '';
  $('token').focus();
}

$('entry').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $('token').value.trim());
  $('token').value = '';
  begin();
});
$('leave').addEventListener('click', () => askForToken(''));

async function begin() {
  try {
    show(await call('GET', '/status'));
  } catch (failure) {
    if (!sessionStorage.getItem(KEY)) return;
    toast(failure.message);
  }
  if (!sessionStorage.getItem(KEY)) return;
  $('entry').hidden = true; $('board').hidden = false; $('leave').hidden = false;
  lists();
  listen();
}

function listen() {
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  socket = new WebSocket(scheme + location.host + API + '/live', [sessionStorage.getItem(KEY)]);
  socket.onopen = () => { pause = 1000; $('link').textContent = 'live'; $('link').className = 'on'; };
  socket.onmessage = message => heard(JSON.parse(message.data));
  socket.onclose = () => {
    $('link').textContent = 'not connected, trying again'; $('link').className = '';
    setTimeout(listen, pause); pause = Math.min(pause * 2, 15000);
  };
}

function heard(message) {
  if (message.type === 'state') { show(message.status); lists(); }
  if (message.type === 'progress') progress(message.run);
  if (message.type === 'phase_changed' || message.type === 'complete') { refresh(); lists(); }
  if (message.type === 'complete' && message.run) {
    toast(message.kind + ' to ' + message.run.target + ': ' + message.run.state + (message.run.error ? '. ' + message.run.error : ''));
  }
}

async function refresh() {
  try { show(await call('GET', '/status')); } catch (failure) { toast(failure.message); }
}

const number = value => value === null || value === undefined ? 'unknown' : value.toLocaleString();
const moment = value => value ? new Date(value).toLocaleString() : 'never';

function show(status) {
  lastStatus = status;
  const focused = document.activeElement && document.activeElement.id;
  $('kinds').replaceChildren(...Object.entries(status).map(([kind, state]) => card(kind, state)));
  if (focused && $(focused)) $(focused).focus();
}

function card(kind, state) {
  const here = PHASES.indexOf(state.phase);
  const path = el('ol', { class: 'path', 'aria-label': 'phases of ' + kind }, ...PHASES.map((phase, i) =>
    el('li', { class: i < here ? 'passed' : i === here ? 'here' : '', 'aria-current': i === here ? 'step' : null, title: MEANING[phase] },
      phase.replace('_', ' ').toLowerCase())));
  const facts = [
    ['Stands in', state.phase ? MEANING[state.phase] : 'unknown'],
    ['Entries in JSON', number(state.entries.json)],
    ['Entries in PostgreSQL', number(state.entries.postgres)],
    ['Follower', state.follower ? `${state.follower}, ${number(state.follower_lag)} changes behind` : 'none'],
    ['Not yet published', number(state.publish_backlog)],
    ['Rejected records', number(state.rejected)],
    ['Open differences', number(state.discrepancies_open)],
    ['Verified', moment(state.verified_at)],
    ['One phase back', (state.rollback_ready.ready ? 'possible. ' : 'not possible. ') + (state.rollback_ready.reason || '')],
  ];
  const blocked = state.blocked_by.length
    ? el('ul', { class: 'blocks' }, ...state.blocked_by.map(gate => el('li', {}, gate.reason, el('small', {}, gate.advice || ''))))
    : el('p', { class: 'none' }, state.next_phase ? 'Nothing.' : 'There is no further phase.');
  const back = here > 0 ? PHASES[here - 1] : null;
  return el('section', { 'aria-labelledby': 'title-' + kind },
    el('h2', { id: 'title-' + kind }, kind === 'expense' ? 'Expenses' : 'Incomes'),
    state.reason ? el('p', { class: 'bad', role: 'alert' }, state.reason) : null,
    path,
    el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    el('h3', {}, state.next_phase ? 'What blocks ' + state.next_phase : 'What blocks the next step'), blocked,
    el('div', { id: 'progress-' + kind }),
    el('p', { class: 'buttons' },
      state.next_phase ? el('button', { id: 'forward-' + kind, class: 'act', disabled: state.blocked_by.length > 0, onclick: () => forward(kind, state) }, 'Go to ' + state.next_phase) : null,
      state.next_phase ? el('button', { id: 'dry-' + kind, onclick: () => dryRun(kind, state.next_phase) }, 'Dry run') : null,
      el('button', { id: 'verify-' + kind, onclick: () => act(() => call('POST', '/verifications', { kind }), 'Verification started.') }, 'Verify now'),
      back ? el('button', { id: 'back-' + kind, onclick: () => rollback(kind, state, back) }, 'Back to ' + back) : null));
}

async function act(work, said) {
  try { await work(); toast(said); refresh(); lists(); } catch (failure) { toast(failure.message); }
}

function confirmThen(title, lines, consent, loss) {
  const dialog = $('confirm');
  $('confirm-title').textContent = title;
  $('confirm-text').replaceChildren(...lines.map(line => el('p', {}, line)));
  $('confirm-consent-text').textContent = consent;
  $('confirm-consent').checked = false; $('confirm-loss').checked = false; $('confirm-reason').value = '';
  $('confirm-loss-row').hidden = !loss;
  const check = () => { $('confirm-yes').disabled = !$('confirm-consent').checked || (loss && !$('confirm-loss').checked); };
  $('confirm-consent').onchange = check; $('confirm-loss').onchange = check; check();
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => {
    dialog.onclose = () => resolve(dialog.returnValue === 'yes'
      ? { reason: $('confirm-reason').value, accept_loss: $('confirm-loss').checked } : null);
  });
}

async function forward(kind, state) {
  const yes = await confirmThen(`Take ${kind} to ${state.next_phase}?`,
    [`Now: ${MEANING[state.phase]}. Then: ${MEANING[state.next_phase]}.`, 'Writers are held for at most a second. You can cancel the run, which goes back to where it stood.'],
    'I want this.', false);
  if (yes) act(() => call('POST', '/runs', { kind, target: state.next_phase, consent: true, reason: yes.reason }), 'The run has started.');
}

async function rollback(kind, state, back) {
  const loss = !state.rollback_ready.ready;
  const yes = await confirmThen(`Take ${kind} back to ${back}?`,
    [`Now: ${MEANING[state.phase]}. Then: ${MEANING[back]}.`, state.rollback_ready.reason || ''], 'I want to go back.', loss);
  if (yes) act(() => call('POST', '/rollback', { kind, consent: true, accept_loss: yes.accept_loss, reason: yes.reason }), 'Going back.');
}

async function dryRun(kind, target) {
  try {
    const { id } = await call('POST', '/runs', { kind, target, dry_run: true });
    const { forecast } = await call('GET', '/runs/' + id);
    toast(`${kind} to ${target} would take about ${forecast.seconds} s for ${number(forecast.entries)} entries (${forecast.based_on}). Nothing was changed.`);
    lists();
  } catch (failure) { toast(failure.message); }
}

function progress(run) {
  const place = $('progress-' + run.kind);
  if (!place) return;
  const current = run.steps.find(step => step.state === 'running') || run.steps.find(step => step.state === 'pending');
  place.replaceChildren(
    el('h3', {}, 'Going to ' + run.target),
    el('progress', { max: 100, value: run.percent, 'aria-label': 'progress of the run' }),
    el('p', { class: run.waiting_for ? 'wait' : 'none' },
      `${run.percent} %` + (current ? `, ${current.name.replace('_', ' ')}` : '') +
      (run.total ? `, ${number(run.done)} of ${number(run.total)}` : '') +
      (run.eta_seconds ? `, about ${run.eta_seconds} s to go` : '') +
      (run.waiting_for ? `. Waiting: ${run.waiting_for}` : '')),
    el('button', { onclick: () => cancel(run) }, 'Cancel'));
}

async function cancel(run) {
  const yes = await confirmThen('Cancel this run?', [`${run.kind} goes back to ${run.from}.`], 'I want to cancel.', false);
  if (yes) act(() => call('POST', `/runs/${run.id}/cancel`), 'Cancelling.');
}

const mark = { done: ['✓', 'good'], skipped: ['–', ''], failed: ['✗', 'bad'], cancelled: ['✗', 'wait'], running: ['▸', 'wait'], pending: ['·', ''] };

async function lists() {
  try {
    const runs = (await call('GET', '/runs?limit=20')).items;
    for (const kind of ['expense', 'income']) {
      const active = runs.find(run => run.kind === kind && (run.state === 'running' || run.state === 'queued'));
      if (active) progress(active); else if ($('progress-' + kind)) $('progress-' + kind).replaceChildren();
    }
    const opened = new Set([...$('runs').querySelectorAll('details[open]')].map(node => node.id));
    $('runs').replaceChildren(...(runs.length ? runs.map(run => runRow(run, opened)) : [el('p', { class: 'none' }, 'None yet.')]));
    const found = (await call('GET', '/discrepancies?state=open&limit=50')).items;
    $('differences').replaceChildren(found.length ? differences(found) : el('p', { class: 'none' }, 'None.'));
  } catch (failure) {
    $('runs').replaceChildren(el('p', { class: 'wait' }, failure.message));
  }
}

function runRow(run, opened) {
  const how = { succeeded: 'good', failed: 'bad', cancelled: 'wait' }[run.state] || 'wait';
  return el('details', { id: 'run-' + run.id, open: opened.has('run-' + run.id) },
    el('summary', {}, `${run.kind}: ${run.from} → ${run.target} `, el('span', { class: how }, run.state + (run.dry_run ? ' (dry run)' : '')), ` ${moment(run.created_at)}`),
    run.error ? el('p', { class: how }, run.error) : null,
    run.archive ? el('p', {}, 'Archive of the JSON files: ' + run.archive) : null,
    el('ol', { class: 'steps' }, ...run.steps.map(step => el('li', {},
      el('span', { class: mark[step.state][1], 'aria-label': step.state }, mark[step.state][0]),
      el('span', {}, step.name.replace('_', ' ')), el('span', {}, step.seconds.toFixed(2) + ' s'), el('small', {}, step.detail || '')))));
}

function differences(found) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'open differences' }, el('table', {},
    el('thead', {}, el('tr', {}, ...['Kind', 'Entry', 'Type', 'Damaged', 'Cause'].map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...found.map(one => el('tr', {}, ...[one.kind, one.entry_id, one.type, one.damaged, one.cause].map(value => el('td', {}, String(value))))))));
}

if (sessionStorage.getItem(KEY)) begin(); else askForToken('');
/* Lag and counts move without messages; a calm refresh keeps them true. */
setInterval(() => { if (sessionStorage.getItem(KEY) && !document.hidden && !$('confirm').open) refresh().then(lists); }, 5000);
