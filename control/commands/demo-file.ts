// Where the demo writes its configuration: to be read, changed and saved while it runs.

export const DEMO_FILE = 'data/demo/oriel.yaml'
