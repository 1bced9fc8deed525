/** Copies text. Returns whether it was possible: browsers keep the clipboard from pages that are not encrypted. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
