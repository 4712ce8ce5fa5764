// What of a portal's tasks is ours, whose it is, and what it says. The worker writes them; nothing
// here asks a server of ours.
import type { Language } from './texts.ts';

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

export type Kind = 'memo' | 'week' | 'step';

export interface OurTask {
  id: number;
  kind: Kind;
  subject: string;
  lines: string[];
  due: Date | null;
}

interface Row {
  id: number;
  properties: Record<string, string | null>;
}

const KEY = /^cl1[a-z][0-9a-f]{40}$/;
const MEMO = /^1on1(メモ| notes)/;
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

/** One of our tasks that is open and belongs to this user; null for everything else. */
export function ourTask(row: Row, userId: number): OurTask | null {
  const { properties } = row;
  const owners = (properties[OWNERS] ?? '').split(';').filter(Boolean);
  if (!owners.includes(String(userId)) || properties.hs_task_status === 'COMPLETED') return null;
  const lines = linesOf(properties.hs_task_body);
  // Free portals have no property for the key: it is the last line.
  const marked = KEY.test(lines[lines.length - 1]?.trim() ?? '');
  if (!marked && !KEY.test(properties.crm_loop_key ?? '')) return null;
  const subject = properties.hs_task_subject ?? '';
  const due = properties.hs_timestamp ? new Date(momentOf(properties.hs_timestamp)) : null;
  return {
    id: row.id,
    kind: kindOf(subject),
    subject,
    lines: marked ? lines.slice(0, -1) : lines,
    due: due && !Number.isNaN(due.getTime()) ? due : null,
  };
}

// Searches give a text, associations milliseconds.
const momentOf = (value: string): string | number => (/^\d+$/.test(value) ? Number(value) : value);

function kindOf(subject: string): Kind {
  if (MEMO.test(subject)) return 'memo';
  return WEEK.test(subject) ? 'week' : 'step';
}

export const byDue = (one: OurTask, other: OurTask): number =>
  (one.due?.getTime() ?? Infinity) - (other.due?.getTime() ?? Infinity);

export interface Figure {
  text: string;
  value: number;
  target: number;
}

const FIGURES = [
  /^.*?：(?<value>\d[\d,]*)件\/目標(?<target>\d[\d,]*)件/,
  /^.*?: (?<value>\d[\d,]*) of (?<target>\d[\d,]*)(?=[.,])/,
];

/** What the lines of a memo say of a count and its target, without what follows on it. */
export function figuresOf(lines: string[]): Figure[] {
  return lines.flatMap((text) => {
    const found = FIGURES.map((pattern) => pattern.exec(text)).find(Boolean);
    const [value, target] = [found?.groups?.value, found?.groups?.target].map((part) =>
      Number((part ?? '').replaceAll(',', '')),
    );
    if (!found || value === undefined || target === undefined || !(target > 0)) return [];
    return [{ text: found[0].trim(), value, target }];
  });
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
