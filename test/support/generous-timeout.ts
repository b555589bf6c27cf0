// The machine is shared: a test that waits for a real server gets all the time it could need.
jest.setTimeout(120_000);
