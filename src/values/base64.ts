/** The bytes of a text in base64 or base64url, perhaps with white space; undefined for any other text. */
export const readBase64 = (text: string): Buffer | undefined =>
  /^[A-Za-z0-9+/_\s-]+={0,2}$/.test(text.trim()) ? Buffer.from(text, 'base64') : undefined
