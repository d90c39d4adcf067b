/** One row while another inbox is copied into this one. `run`: the process that copies. `state`: how far it is, as JSON. */
export const transferTable = `
CREATE TABLE inbox_transfers (client text COLLATE "C" PRIMARY KEY, run text NOT NULL, state text NOT NULL);
`
