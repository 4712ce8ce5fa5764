// What of a portal's tasks is ours, whose it is, and what it says. The worker writes them; nothing
// here asks a server of ours.
import { TEXTS, type Language } from './texts.ts';

export const TASK = '0-27';
export const OWNERS = 'hs_user_ids_of_all_owners';
export const PROPERTIES = [
  'hs_task_subject',
  'hs_task_body',
  'hs_task_status',
  'hs_timestamp',
  OWNERS,
  'crm_loop_key',
];
/** Where the figures beside the notes are kept, in portals that have room for them. */
export const PAYLOAD = 'crm_loop_payload';

export type Kind = 'memo' | 'week' | 'step';

export interface OurTask {
  id: number;
  kind: Kind;
  subject: string;
  lines: string[];
  due: Date | null;
  payload: string;
}

interface Row {
  id: number;
  properties: Record<string, string | null>;
}

const KEY = /^cl1[a-z][0-9a-f]{40}$/;
const STEP_KEY = 'cl1t';
// How people mark a to-do of their own as one of a 1on1, in any width and case.
const MARK = /[[【]1on1[\]】]/i;
const WEEK = /(の1on1（\d+人）$)|(^This week's 1on1s \(\d+\)$)|(^1on1s from .+ \(\d+\)$)/;
const TAG = /<[^>]*>/g;
const LINE_END = /<br\s*\/?>|<\/(?:p|div|li|ul|ol|tr|h[1-4])>|\r\n?/gi;
const SIGNS: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/** The lines of a task's body as a person reads them. */
export function linesOf(body: string | null | undefined): string[] {
  const plain = (body ?? '').replace(LINE_END, '\n').replace(TAG, '');
  const text = plain.replace(/&(?:amp|lt|gt|quot|nbsp|#39);/g, (sign) => SIGNS[sign] ?? sign);
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** A task of ours, or one marked for a 1on1, that is open and this user's; null for all others. */
export function ourTask(row: Row, userId: number): OurTask | null {
  const { properties } = row;
  const owners = (properties[OWNERS] ?? '').split(';').filter(Boolean);
  if (!owners.includes(String(userId)) || properties.hs_task_status === 'COMPLETED') return null;
  const lines = linesOf(properties.hs_task_body);
  // Free portals have no property for the key: it is the last line.
  const lastLine = lines[lines.length - 1]?.trim() ?? '';
  const marked = KEY.test(lastLine);
  const key = marked ? lastLine : (properties.crm_loop_key ?? '');
  const subject = properties.hs_task_subject ?? '';
  if (!KEY.test(key) && !isMarked(subject)) return null;
  const due = properties.hs_timestamp ? new Date(momentOf(properties.hs_timestamp)) : null;
  return {
    id: row.id,
    kind: kindOf(key, subject),
    subject,
    lines: marked ? lines.slice(0, -1) : lines,
    due: due && !Number.isNaN(due.getTime()) ? due : null,
    payload: properties[PAYLOAD] ?? '',
  };
}

/** Whether somebody has written [1on1] into the subject of a task. */
export const isMarked = (subject: string): boolean => MARK.test(subject.normalize('NFKC'));

// Searches give a text, associations milliseconds.
const momentOf = (value: string): string | number => (/^\d+$/.test(value) ? Number(value) : value);

// The key says what a task is, whatever people make of its words; notes and a manager's list share
// a kind of key, so that these two are told apart by the subject.
function kindOf(key: string, subject: string): Kind {
  if (!KEY.test(key) || key.startsWith(STEP_KEY)) return 'step';
  return WEEK.test(subject) ? 'week' : 'memo';
}

export const byDue = (one: OurTask, other: OurTask): number =>
  (one.due?.getTime() ?? Infinity) - (other.due?.getTime() ?? Infinity);

export interface Figure {
  label: string;
  text: string;
  // Drawn where more is better and there is something to reach; a full bar would mislead elsewhere.
  bar: { value: number; target: number } | null;
}

type Kpi = Record<string, unknown>;

/** The figures that the worker keeps with the notes; none where it is anything else. */
export function figuresOf(payload: string, language: Language): Figure[] {
  let told: unknown;
  try {
    told = JSON.parse(payload || '{}');
  } catch {
    return [];
  }
  const kpis = (told as { kpis?: unknown } | null)?.kpis;
  return Array.isArray(kpis) ? kpis.flatMap((kpi: Kpi) => figureOf(kpi, language)) : [];
}

function figureOf(kpi: Kpi | null, language: Language): Figure[] {
  const { label, unit, way, actual, target, currency } = kpi ?? {};
  if (typeof label !== 'string' || !isNumber(actual) || !isNumber(target)) return [];
  if (typeof unit !== 'string' || (way !== 'up' && way !== 'down')) return [];
  const write = (value: number) => amountText(value, unit, currency, language);
  const say = way === 'up' ? TEXTS[language].ofTarget : TEXTS[language].upTo;
  const bar = way === 'up' && target > 0 ? { value: clamp(actual, target), target } : null;
  return [{ label, text: say(write(actual), write(target)), bar }];
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

function amountText(value: number, unit: string, currency: unknown, language: Language): string {
  const locale = language === 'ja' ? 'ja-JP' : 'en-US';
  const whole = { maximumFractionDigits: 0 };
  if (unit === 'money' && typeof currency === 'string' && /^[A-Z]{3}$/.test(currency))
    return new Intl.NumberFormat(locale, { style: 'currency', currency, ...whole }).format(value);
  if (unit === 'ratio')
    return new Intl.NumberFormat(locale, { style: 'percent', ...whole }).format(value);
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
  return unit === 'days' ? TEXTS[language].days(number) : number;
}

/** 6/19（金） in Japanese, Fri, Jun 19 in English; a due day is one in the portal's time zone. */
export function dayText(day: Date, language: Language, timeZone: string): string {
  const text = new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-US', {
    weekday: 'short',
    month: language === 'ja' ? 'numeric' : 'short',
    day: 'numeric',
    timeZone,
  }).format(day);
  return language === 'ja' ? text.replaceAll('(', '（').replaceAll(')', '）') : text;
}

export const taskUrl = (portalId: number, taskId: number): string =>
  `https://app.hubspot.com/contacts/${portalId}/record/${TASK}/${taskId}`;

const ADDRESS = /https:\/\/app(?:-[a-z0-9]+)?\.hubspot\.com\/\S+/;

/** An address of HubSpot's own in a line, where there is one; no other one becomes a link. */
export const addressIn = (line: string): string | null => ADDRESS.exec(line)?.[0] ?? null;
