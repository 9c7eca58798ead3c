// Elements, made and changed. Whatever comes from outside is set as text, never as markup.

/** An element with attributes and children; a child that is no element becomes text, and null is none. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      made.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : value);
    }
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** Sets a text only when it changes, so that a screen reader is not told the same again. */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** Four significant digits. */
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
