import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { plural } from '../../lib/format.ts';
import { saveBlob } from '../../lib/save-blob.ts';
import { notify } from '../../ui/toast-store.ts';

/** When keys are due, for a calendar: names alone, no ids. */
export async function saveCalendar(): Promise<void> {
  try {
    const { text, events } = await call('rotation.calendar', {});
    if (events === 0) {
      notify({ message: 'No key has a maximum age yet: set one, and it comes into the calendar.' });
      return;
    }
    saveBlob('keyhold-rotation.ics', new Blob([text], { type: 'text/calendar' }));
    notify({ message: `Saved ${plural(events, 'date')} as a calendar.` });
  } catch (error) {
    notify({ message: asWireError(error).message, tone: 'error' });
  }
}
