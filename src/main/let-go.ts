/**
 * Gives memory back that nobody will look at again, all that lies behind the bytes, without waiting for it to be collected. V8 counts such memory with its
 * own: crops of a field, two megabytes, had it collect every other field.
 */
export function letGo(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0)
}
