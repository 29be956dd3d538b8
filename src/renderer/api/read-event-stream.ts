/**
 * The `data:` of each event in a body of server-sent events (HTML Living Standard, section 9.2), as far as Keyhold's daemon uses the format: one line
 * of data an event, comments in between. Read by hand because EventSource cannot send the header that says which tab asks.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      pending += decoder.decode(value, { stream: true });
      for (let end = pending.indexOf('\n\n'); end !== -1; end = pending.indexOf('\n\n')) {
        const event = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (event.startsWith('data: ')) yield event.slice('data: '.length);
      }
    }
  } finally {
    reader.releaseLock();
  }
}
