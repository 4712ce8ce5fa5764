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

  test('draws a figure as a count and its target, without a percentage', () => {
    const { find } = show([MEMO]);
    expect(find(ProgressBar).props).toMatchObject({ value: 4, maxValue: 12 });
    expect(find(ProgressBar).props.showPercentage).toBeUndefined();
    expect(find(ProgressBar).props.title).toContain('4件/目標12件');
  });

  test('says so where the notes come without figures', () => {
    const { findAll } = show([{ ...MEMO, properties: { ...MEMO.properties, hs_task_body: 'x' } }]);
    expect(findAll(ProgressBar)).toEqual([]);
    expect(findAll(Text).map((one) => one.text)).toContain('今回は数字なしで進めます。');
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
