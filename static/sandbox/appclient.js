// Stands in for Weibo's appclient.js (jsapi.md, section 9): defines App, keeps what it was told in App.calls,
// and passes it on to the frame around the page, if there is one.
(function () {
  'use strict';
  var calls = [];
  window.App = {
    calls: calls,
    trigger: function (name, data) {
      calls.push({ name: name, data: data });
      if (window.parent !== window) {
        window.parent.postMessage({ sandbox: 'appclient', name: name, data: data }, '*');
      }
    }
  };
})();
