// The panel is the page that a service serves; it asks for the service's address, as it can't know it.
globalThis.browser ??= globalThis.chrome;
globalThis.browser.devtools.panels.create('Sidecars', '', 'inspector/index.html');
