import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { writeCalendar } from '../../../src/core/rotation/calendar.ts';

const NOW = Date.parse('2026-11-29T05:30:00Z');
const odd = {
  uid: 'rotate-0123@keyhold.invalid',
  date: '2026-12-24',
  summary: `Rotate a,b;c\\d (${'ü'.repeat(60)} 🔑)`,
  description: 'first line\nsecond, with a comma',
};

/** The lines as a reader puts them together again (RFC 5545, 3.1). */
const unfold = (text: string): string[] => text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);

describe('a calendar', () => {
  const text = writeCalendar([odd, { ...odd, uid: 'other@keyhold.invalid', date: '2027-01-01' }], NOW);

  test('has lines that end with CRLF, of 75 octets at most, cut between characters', () => {
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text.split('\r\n').some((line) => line.startsWith(' '))).toBe(true);
    expect(text).not.toContain('\ufffd');
  });

  test('has whole days, stamps, alarms, and text that is escaped', () => {
    const lines = unfold(text);
    expect(lines.slice(0, 3)).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      expect.stringMatching(/^PRODID:-\/\/Keyhold/),
    ]);
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(2);
    expect(lines).toContain('DTSTAMP:20261129T053000Z');
    expect(lines).toContain('DTSTART;VALUE=DATE:20261224');
    expect(lines).toContain('TRIGGER:-P1D');
    expect(lines).toContain('DESCRIPTION:first line\\nsecond\\, with a comma');
    expect(lines.find((line) => line.startsWith('SUMMARY:'))).toContain('Rotate a\\,b\\;c\\\\d (ü');
  });

  // The system's own has Debian's package, whatever other Python comes first.
  const python = ['/usr/bin/python3', 'python3'].find((one) => spawnSync(one, ['-c', 'import icalendar']).status === 0);
  test.skipIf(python === undefined)('is what another program reads (python3-icalendar)', () => {
    const program = `
import sys, json, icalendar
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(json.dumps([[str(e["UID"]), e["DTSTART"].dt.isoformat(), str(e["SUMMARY"]), str(e["DESCRIPTION"]),
  [str(a["TRIGGER"].dt) for a in e.walk("VALARM")]] for e in calendar.walk("VEVENT")]))`;
    const { stdout, stderr } = spawnSync(python ?? 'python3', ['-c', program], { input: text });
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())[0]).toEqual([
      odd.uid,
      odd.date,
      odd.summary,
      odd.description,
      ['-1 day, 0:00:00'],
    ]);
  });
});
