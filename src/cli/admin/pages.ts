/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: number | null
}

/** Most items that the admin routes return in one page. */
const maxPageSize = 500

/** Reads pages until `limit` items are there or the list ends. `nextCursor`: null at the end of the list. */
export async function readPages<Item>(
  limit: number,
  read: (page: { limit: number; cursor: number | undefined }) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const items: Item[] = []
  let cursor: number | undefined
  do {
    const page = await read({ limit: Math.min(limit - items.length, maxPageSize), cursor })
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && items.length < limit)
  return { items, nextCursor: cursor ?? null }
}
