/**
 * `sns.<region>.amazonaws.com`, also of the regions in China and of the European Sovereign Cloud; without port and user. Otherwise a sender could sign with a key of
 * its own, or make the service call any host.
 */
export const isSnsHost = (host: string): boolean =>
  /^sns\.[a-z]{2,5}(-[a-z]+)+-\d{1,2}\.amazonaws\.(com|com\.cn|eu)$/i.test(host)
