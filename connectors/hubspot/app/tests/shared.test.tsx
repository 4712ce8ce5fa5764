import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const app = join(import.meta.dirname, '../src/app');
const read = (folder: string) =>
  readdirSync(join(app, folder, 'shared')).map((name) => [
    name,
    readFileSync(join(app, folder, 'shared', name), 'utf8'),
  ]);

// HubSpot builds each folder by itself, so that none can import from another.
test('card and page share their code word for word', () => {
  expect(read('pages')).toEqual(read('cards'));
});
