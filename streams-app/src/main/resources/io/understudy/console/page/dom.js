// Creates and changes elements. Data from outside is always inserted as text, never as markup.

/** Creates an element with attributes and children. A child that is not an element becomes text; null is skipped. */
export function element(tag, attributes = {}, ...children) {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      created.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      created.setAttribute(name, value === true ? '' : value);
    }
  }
  created.append(...children.filter(child => child !== null && child !== undefined));
  return created;
}

/** Sets a text only when it changes, so that a screen reader does not repeat it. */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** A number with four significant digits. */
export function number(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2)
    : new Intl.NumberFormat('en', {maximumSignificantDigits: 4}).format(value);
}

export function percent(value) {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : `${number(value)} %`;
}

export function time(text) {
  return element('time', {datetime: text}, `${new Date(text).toISOString().slice(0, 19).replace('T', ' ')} UTC`);
}
