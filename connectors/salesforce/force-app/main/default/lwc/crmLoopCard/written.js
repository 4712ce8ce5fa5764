// Numbers and days as the reader's language writes them. Everything is handed in, nothing looked up.

export function filled(template, ...values) {
  return values.reduce(
    (text, value, place) => text.replace(`{${place}}`, value),
    template
  );
}

// Japanese puts full-width parentheses around the day of the week.
function wide(text, locale) {
  if (!locale.startsWith("ja")) return text;
  return text.replaceAll("(", "（").replaceAll(")", "）");
}

export function writtenMoment(value, { locale, timeZone }) {
  const moment = new Date(value);
  const day = new Intl.DateTimeFormat(locale, {
    weekday: "short",
    month: locale.startsWith("ja") ? "numeric" : "short",
    day: "numeric",
    timeZone
  }).format(moment);
  const time = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone
  }).format(moment);
  return `${wide(day, locale)} ${time}`;
}

// A day has no time zone: it is written as it stands.
export function writtenDay(value, { locale }) {
  const text = new Intl.DateTimeFormat(locale, {
    weekday: "short",
    month: locale.startsWith("ja") ? "numeric" : "short",
    day: "numeric",
    timeZone: "UTC"
  }).format(new Date(`${value}T00:00:00Z`));
  return wide(text, locale);
}

export function writtenNumber(value, unit, { locale, currency, labels }) {
  if (unit === "currency")
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      maximumFractionDigits: 0
    }).format(value);
  if (unit === "percent")
    return new Intl.NumberFormat(locale, {
      maximumFractionDigits: 0
    }).format(value) + "%";
  const number = new Intl.NumberFormat(locale, {
    maximumFractionDigits: 1
  }).format(value);
  if (unit === "days") return filled(labels.days, number);
  if (unit === "hours") return filled(labels.hours, number);
  return number;
}

// How far along the bar is, 0 to 100; none where less is better, since a full bar would mislead.
export function progress(actual, target, direction) {
  if (direction === "down" || typeof actual !== "number" || !(target > 0))
    return undefined;
  return Math.max(0, Math.min(100, Math.round((actual / target) * 100)));
}
