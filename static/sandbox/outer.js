// Opens the light app as soon as the page is there, and gives its frame the height that the app asks for through
// appclient.js (jsapi.md, section 9). Without it the button opens the app, and the frame keeps its height.
(function () {
  'use strict';
  var frame = document.querySelector('iframe[name="light"]');
  addEventListener('message', function (event) {
    var told = event.data;
    if (!frame || event.source !== frame.contentWindow || event.origin !== frame.dataset.origin) { return; }
    if (!told || told.sandbox !== 'appclient') { return; }
    var height = parseInt(told.data, 10);
    if (told.name === 'setPageHeight' && height > 0) { frame.height = String(Math.min(height, 20000)); }
    // The layer in which one signs in: here that is to say who looks.
    if (told.name === 'login') { document.querySelector('#who button').focus(); }
  });
  document.getElementById('entry').submit();
})();
