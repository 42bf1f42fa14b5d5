// The theme: light, dark, or as the system has it. It is set before the page is drawn first, so that
// nothing flashes; the switch follows when the page is there.

const KEY = 'reelq-theme';

function stored() {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system'; // storage is switched off
  }
}

function apply(theme) {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

function choose(theme) {
  apply(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}

// Makes the radio buttons in `fieldset` the switch.
export function startTheme(fieldset) {
  for (const radio of fieldset.querySelectorAll('input')) {
    radio.checked = radio.value === stored();
    radio.addEventListener('change', () => choose(radio.value));
  }
}

apply(stored());
