import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Alert,
  EmptyState,
  Heading,
  Link,
  ProgressBar,
  Text,
  useCrmSearch,
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { HomePage } from '../src/app/pages/HomePage.tsx';
import { MEMO, VIEWER, WEEK, row } from './rows.ts';

// This version lists a stand-in for the hook but does not consult it.
vi.mock('@hubspot/ui-extensions', async (original) => ({
  ...(await original<typeof import('@hubspot/ui-extensions')>()),
  useCrmSearch: vi.fn(),
}));
const search = vi.mocked(useCrmSearch);

function show(rows: object[], more: object = {}, language = 'ja') {
  search.mockReturnValue({ results: rows, isLoading: false, error: null, ...more } as never);
  const renderer = createRenderer('pages');
  renderer.mocks.context.user.id = VIEWER;
  renderer.mocks.context.user.language = language;
  renderer.render(<HomePage />);
  return renderer;
}

beforeEach(() => search.mockReset());

describe('the page', () => {
  test('asks for open tasks of the viewer only', () => {
    show([]);
    expect(search.mock.calls[0]?.[0].filterGroups).toEqual([
      {
        filters: [
          { propertyName: 'hs_user_ids_of_all_owners', operator: 'EQ', value: String(VIEWER) },
          { propertyName: 'hs_task_status', operator: 'NEQ', value: 'COMPLETED' },
        ],
      },
    ]);
  });

  test('shows the notes as they stand, with the way to write in them', () => {
    const { findAll } = show([MEMO]);
    const lines = findAll(Text).map((one) => one.text);
    expect(lines).toContain(' 話したいこと：A & B');
    expect(lines.at(-1)).toContain('このメモを見られる人');
    expect(findAll(Link).map((one) => one.props.href)).toEqual([
      expect.stringContaining('/record/0-27/1'),
    ]);
  });

  test('draws the figures kept with the notes as counts and targets, without a percentage', () => {
    const { findAll } = show([MEMO]);
    const bars = findAll(ProgressBar).map(({ props }) => [props.title, props.value, props.maxValue]);
    expect(bars).toEqual([
      ['受注金額  ￥3,200,000／目標￥8,000,000', 3200000, 8000000],
      ['面談実施数  4／目標12', 4, 12],
    ]);
    expect(findAll(ProgressBar)[0]?.props.showPercentage).toBeUndefined();
  });

  test('draws no bar where less is better', () => {
    const texts = show([MEMO], {}, 'en').findAll(Text).map((one) => one.text);
    expect(texts).toContain('動きのない案件  40%, target up to 25%');
  });

  test('says where to look when no figures are kept with the notes', () => {
    const { findAll } = show([
      { ...MEMO, properties: { ...MEMO.properties, crm_loop_payload: null } },
    ]);
    expect(findAll(ProgressBar)).toEqual([]);
    expect(findAll(Text).map((one) => one.text)).toContain(
      '数字があるときは、下のメモの中に出ます。',
    );
  });

  test.each([
    'Customer meetings this month: 4 of 12. About 5 would be usual by today.',
    'Open deals with a next date: 5 of 9. About 7 would be good.',
    'Open deals that have been quiet for a while: 3 of 8. Up to 2 would be fine.',
    '今月の面談：4件/目標12件。今日までの目安は5件ほどです。',
    '進行中の取引：9件のうち、次の予定があるのは5件。目安は7件です。',
  ])('draws nothing of the words of the notes: %s', (line) => {
    const properties = { ...MEMO.properties, hs_task_body: line, crm_loop_payload: null };
    expect(show([{ ...MEMO, properties }]).findAll(ProgressBar)).toEqual([]);
  });

  test('keeps notes whose subject somebody changed notes, and a step a step', () => {
    const { findAll } = show([
      { ...MEMO, properties: { ...MEMO.properties, hs_task_subject: '火曜の件' } },
      row(3, '1on1メモの準備をする'),
    ]);
    expect(findAll(Heading).map((one) => one.text)).toEqual(['火曜の件', 'これからやること']);
  });

  test('lists a to-do that somebody marked for the 1on1 beside the steps, and no other', () => {
    const { findAll } = show([
      row(4, '【1on1】 見積の相談', { crm_loop_key: null }),
      row(5, '1on1の部屋を取る', { crm_loop_key: null }),
    ]);
    expect(findAll(Link).map((one) => one.text)).toEqual(['【1on1】 見積の相談']);
  });

  test("shows a manager the pairs of the manager's own week, each with its notes", () => {
    const { findAll } = show([WEEK], {}, 'en');
    expect(findAll(Heading).map((one) => one.text)).toEqual(["Your team's 1on1s"]);
    expect(findAll(Link).map((one) => [one.text, one.props.href])).toEqual([
      ['Notes', 'https://app.hubspot.com/contacts/1/record/0-27/1'],
    ]);
  });

  test('makes no link of an address elsewhere', () => {
    const body = 'Notes https://app.hubspot.com.example.com/x';
    const { findAll } = show([{ ...WEEK, properties: { ...WEEK.properties, hs_task_body: body } }]);
    expect(findAll(Link)).toEqual([]);
  });

  test('lists what is open, the first due first', () => {
    const { findAll } = show([
      row(5, 'Later', { hs_timestamp: '2026-06-30T08:00:00Z' }),
      row(4, 'Sooner'),
    ]);
    expect(findAll(Link).map((one) => one.text)).toEqual(['Sooner', 'Later']);
  });

  test('keeps what belongs to others out, whatever the search gave', () => {
    const foreign = row(9, 'Foreign', { hs_user_ids_of_all_owners: '7' });
    expect(show([foreign]).find(EmptyState).props.title).toBe('予定された1on1はまだありません');
  });

  test('says in one sentence that reading failed', () => {
    const { find } = show([], { error: new Error('no') }, 'en');
    expect(find(Alert).text).toContain('Nothing is lost');
  });
});
