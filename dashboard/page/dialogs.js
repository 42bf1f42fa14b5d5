// The dialogs that ask for something: the token, and how long to pause.

import { byId, element, setHidden, setText } from './dom.js';

const MINUTE = 60000;
const FOR_EVER = 10 * 365 * 24 * 60 * MINUTE; // as `reelq pause` has it

const PAUSES = [
  ['1 minute', MINUTE],
  ['10 minutes', 10 * MINUTE],
  ['1 hour', 60 * MINUTE],
  ['until resumed', FOR_EVER],
];

export const isForEver = ms => ms > FOR_EVER / 2;

// Every button with data-close closes the dialog that it is in; so does a click beside the dialog.
export function startDialogs() {
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('click', event => {
      if (event.target === dialog || event.target.closest('[data-close]')) dialog.close();
    });
  }
}

// Opens the dialog; resolves to what `value` gives on submit, or null when it is closed.
function askBy(dialog, form, value) {
  return new Promise(resolve => {
    let given = null;
    const onSubmit = event => {
      event.preventDefault();
      given = value();
      dialog.close();
    };
    form.addEventListener('submit', onSubmit);
    dialog.addEventListener('close', () => {
      form.removeEventListener('submit', onSubmit);
      resolve(given);
    }, { once: true });
    dialog.showModal();
  });
}

export function askToken(problem) {
  const input = byId('token');
  setText(byId('token-problem'), problem);
  setHidden(byId('token-problem'), problem === '');
  input.value = '';
  const asked = askBy(byId('token-dialog'), byId('token-form'), () => {
    const token = input.value.trim();
    input.value = '';
    return token === '' ? null : token;
  });
  input.focus();
  return asked;
}

export function askPause() {
  const choices = byId('pause-choices');
  if (choices.querySelector('input') === null) {
    choices.append(...PAUSES.map(([title, ms], i) => element('label', {},
      element('input', { type: 'radio', name: 'pause', value: ms, ...(i === 1 && { checked: '' }) }),
      element('span', { text: title }))));
  }
  const asked = askBy(byId('pause-dialog'), byId('pause-form'),
    () => Number(choices.querySelector('input:checked').value));
  choices.querySelector('input:checked').focus();
  return asked;
}
