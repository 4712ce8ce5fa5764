import { expect, test } from 'vitest';
import { figuresOf, linesOf } from '../src/app/cards/shared/tasks.ts';
import { TEXTS, languageOf } from '../src/app/cards/shared/texts.ts';

test('both languages say the same things', () => {
  expect(Object.keys(TEXTS.ja)).toEqual(Object.keys(TEXTS.en));
  for (const text of [...Object.values(TEXTS.ja), ...Object.values(TEXTS.en)])
    expect(typeof text === 'function' ? text('x') : text).not.toBe('');
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

test.each([
  ['今月の面談：1,204件/目標2,000件', '。今日までの目安は5件ほどです。', 1204, 2000],
  ['Customer meetings this month: 4 of 12', '. About 5 would be usual by today.', 4, 12],
  ['First meetings: 12 of 12', ', the target is reached.', 12, 12],
])('%s', (text, rest, value, target) => {
  expect(figuresOf([text + rest])).toEqual([{ text, value, target }]);
});

test.each(['進行中の取引：12件のうち、次の予定があるのは9件。', 'At 10: 4 of them came', '4件/目標0件'])(
  '%s is no count with a target',
  (line) => expect(figuresOf([line])).toEqual([]),
);
