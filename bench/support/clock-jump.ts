// The fault benchmark preloads this into the service: SIGUSR2 makes the wall clock jump forward or back.
const realNow = Date.now
let offsetMs = 0

process.on('SIGUSR2', () => {
  offsetMs = Math.round((Math.random() - 0.5) * 2 * 180_000)
})
Date.now = () => realNow() + offsetMs
