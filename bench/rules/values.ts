/** Repeats a list. Rules and events use the same values. */
const cycle =
  (...texts: readonly string[]) =>
  (n: number): string =>
    texts[n % texts.length] ?? ''

export const phones = cycle(
  'tel:+13175550100',
  'tel:+493012345678',
  'tel:+13175550142',
  'tel:+18125550119',
  'tel:+4315550199',
  'tel:+442079460018',
  'tel:+13175550177',
)
export const hotlines = cycle('tel:+18005550101', 'tel:+13175550199', 'tel:+18005550102', 'tel:+498005550103')
export const queues = cycle(
  '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005',
  '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7006',
  '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7007',
  '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7008',
  '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7009',
)
export const users = cycle(
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9001',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9002',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9003',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9004',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9005',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9006',
  '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9007',
)
export const media = cycle('voice', 'voice', 'chat', 'voice', 'message', 'voice', 'callback')
export const directions = cycle('inbound', 'inbound', 'outbound')
export const tiers = cycle('platinum', 'gold', 'silver', 'standard')
export const languages = cycle('de', 'en', 'fr')
export const accounts = cycle('DE-10042', 'US-20017', 'FR-30009', 'US-20018', 'DE-00007')
