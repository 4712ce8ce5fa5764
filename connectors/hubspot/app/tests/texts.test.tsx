import { expect, test } from 'vitest';
import { figuresOf, isMarked, linesOf } from '../src/app/cards/shared/tasks.ts';
import { TEXTS, languageOf } from '../src/app/cards/shared/texts.ts';

test('both languages say the same things', () => {
  expect(Object.keys(TEXTS.ja)).toEqual(Object.keys(TEXTS.en));
  for (const text of [...Object.values(TEXTS.ja), ...Object.values(TEXTS.en)])
    expect(typeof text === 'function' ? text('x', 'y') : text).not.toBe('');
});

test.each([
  [{ id: 1, language: 'ja' }, 'ja'],
  [{ id: 1, locale: 'ja-jp' }, 'ja'],
  [{ id: 1, language: 'en', locale: 'ja-jp' }, 'en'],
  [{ id: 1, language: 'de' }, 'en'],
  [{ id: 1 }, 'en'],
])('%j reads %s', (reader, language) => {
  expect(languageOf(reader)).toBe(language);
});

test.each([
  ['a<br>b', ['a', 'b']],
  ['<p>a</p><p>b &lt;c&gt;</p>', ['a', 'b <c>']],
  ['<ul><li>a</li></ul>', ['a']],
  ['a\r\nb', ['a', 'b']],
  ['&amp;lt;', ['&lt;']],
  [null, []],
])('%j is read as %j', (body, lines) => {
  expect(linesOf(body)).toEqual(lines);
});

const kpi = (more: object) => ({
  kpis: [{ label: 'L', unit: 'count', way: 'up', actual: 4, target: 12, ...more }],
});

test.each([
  [{}, '4／目標12', '4 of 12', [4, 12]],
  [{ actual: 1204, target: 2000 }, '1,204／目標2,000', '1,204 of 2,000', [1204, 2000]],
  [{ actual: 15 }, '15／目標12', '15 of 12', [12, 12]],
  [{ actual: -1 }, '-1／目標12', '-1 of 12', [0, 12]],
  [{ unit: 'money', currency: 'USD', actual: 5.4 }, '$5／目標$12', '$5 of $12', [5.4, 12]],
  [{ unit: 'money', currency: 'yen' }, '4／目標12', '4 of 12', [4, 12]],
  [{ unit: 'ratio', actual: 0.35, target: 0.5 }, '35%／目標50%', '35% of 50%', [0.35, 0.5]],
  [{ unit: 'times', actual: 2.25, target: 3 }, '2.3／目標3', '2.3 of 3', [2.25, 3]],
  [
    { unit: 'days', way: 'down' },
    '4日（目安は12日まで）',
    '4 days, target up to 12 days',
    undefined,
  ],
  [{ target: 0 }, '4／目標0', '4 of 0', undefined],
])('%j is written in both languages, with a bar only where one is right', (more, ja, en, bar) => {
  const payload = JSON.stringify(kpi(more));
  const [japanese] = figuresOf(payload, 'ja');
  const [english] = figuresOf(payload, 'en');
  expect([japanese?.text, english?.text]).toEqual([ja, en]);
  const drawn = english?.bar;
  expect(drawn ? [drawn.value, drawn.target] : undefined).toEqual(bar);
});

test.each([
  '',
  'not JSON',
  'null',
  '[]',
  '{"kpis": 3}',
  '{"kpis": [null, 4, "x"]}',
  JSON.stringify(kpi({ actual: '4' })),
  JSON.stringify(kpi({ target: null })),
  JSON.stringify(kpi({ label: 7 })),
  JSON.stringify(kpi({ unit: undefined })),
  JSON.stringify(kpi({ way: 'sideways' })),
])('%j is no figure', (payload) => expect(figuresOf(payload, 'en')).toEqual([]));

test.each(['[1on1] a', 'a [1ON1]:', '［１ｏｎ１］a', '【1on1】a'])('%s is marked', (subject) =>
  expect(isMarked(subject)).toBe(true),
);

test.each(['1on1', '(1on1) a', '[2on1]', 'a1on1]'])('%s is not marked', (subject) =>
  expect(isMarked(subject)).toBe(false),
);
