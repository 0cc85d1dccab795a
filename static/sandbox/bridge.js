// Plays the Weibo client's JS interface (jsapi.md §4 to §6): WeiboJSBridge, which a client injects after a while,
// and the WeiboJS of mobile.js. What was asked of it is kept in sandboxCalls.
(function (chosen) {
  'use strict';
  if (window.sandboxCalls || chosen.bridge === 'absent') { return; }
  var calls = window.sandboxCalls = [];
  var heard = {};
  // A client injects the bridge without a script of the page's.
  var home = document.currentScript ? document.currentScript.src : location.href;

  // What a camera sees: a sun before a sky that is another each time.
  function photo() {
    var canvas = document.createElement('canvas');
    canvas.width = canvas.height = 900;
    var draw = canvas.getContext('2d');
    draw.fillStyle = 'hsl(' + 37 * calls.length + ' 60% 70%)';
    draw.fillRect(0, 0, 900, 900);
    draw.fillStyle = '#c8102e';
    draw.arc(450, 450, 260, 0, 7);
    draw.fill();
    return canvas.toDataURL('image/jpeg', 0.8).split(',')[1];
  }

  var her = {
    recipient: '林小满', phone: '13812346620', province: '浙江省', city: '杭州市', district: '西湖区',
    street: '龙井路 1 号 3 单元 502'
  };
  var actions = {
    checkAvailability: function (params) {
      var has = {};
      params.api_list.forEach(function (name) { has[name] = offers(name); });
      return has;
    },
    getNetworkType: function () {
      var to = chosen.getNetworkType;
      return { network_type: ['wwan', 'fail'].indexOf(to) < 0 ? 'wifi' : to };
    },
    getLocation: function () { return { lat: 30.246, long: 120.149 }; },
    scanQRCode: function () { return { result: 'SF1234567890123' }; },
    pickImage: function () { return { base64: photo() }; },
    pickContact: function () {
      return { contacts: [{ recipient: her.recipient, phone: her.phone, id: 7, tags: ['家人'] }] };
    },
    'deliverAddress:default': function () { return Object.assign({ id: 7, zip: null, street2: '' }, her); },
    openImage: function () { return {}; },
    invokeMenuItem: function () { return {}; },
    openMenu: function () { return {}; },
    setBrowserTitle: function () { return {}; },
    setMenuItems: function () { return {}; },
    setSharingContent: function () { return {}; }
  };
  var needs = {
    checkAvailability: 'api_list', invokeMenuItem: 'code', openImage: 'urls', setBrowserTitle: 'title', setMenuItems: 'menus',
    setSharingContent: 'title'
  };

  // The shared address book is "coming soon": there only when it is asked for.
  function offers(name) {
    if (name === 'deliverAddress:default' && !chosen[name]) { return false; }
    return Boolean(actions[name]) && chosen[name] !== 'absent';
  }

  function answer(name, params, by, tell) {
    var call = { action: name, params: params, by: by };
    calls.push(call);
    var code = 200;
    if (!offers(name)) { code = 501; }
    else if (/^\d+$/.test(chosen[name])) { code = Number(chosen[name]); }
    else if (needs[name] && !(params && needs[name] in params)) { code = 400; }
    var said = code === 200 ? actions[name](params) : {};
    setTimeout(function () {
      tell(said, code === 200, code);
      call.answered = true;
    }, 5);
  }

  function on(name, tell) { (heard[name] = heard[name] || []).push(tell); }

  var bridge = {
    invoke: function (name, params, tell) { answer(name, params, 'bridge', tell); },
    on: on,
    trigger: function (name, params) { (heard[name] || []).forEach(function (tell) { tell(params); }); }
  };
  setTimeout(function () {
    window.WeiboJSBridge = bridge;
    document.dispatchEvent(new Event('WeiboJSBridgeReady'));
  }, chosen.bridge === 'late' ? 1200 : 60);
  if (chosen.WeiboJS === 'absent') { return; }

  var scope = null;
  var waiting = [];
  window.sandboxAdmits = function (number, admitted) { waiting[number](admitted); };

  window.WeiboJS = {
    init: function (config, callback) {
      var tell = callback || config.callback;
      var asked = { number: waiting.length, url: location.href.split('#')[0] };
      ['appkey', 'timestamp', 'noncestr', 'signature'].forEach(function (name) { asked[name] = config[name]; });
      waiting.push(function (admitted) {
        var code = chosen.init ? Number(chosen.init) || 501 : admitted ? 200 : 403;
        calls.push({ action: 'init', code: code, admitted: admitted, by: 'WeiboJS', answered: true });
        if (code === 200) { scope = config.scope; }
        tell({ code: code });
      });
      var script = document.createElement('script');
      script.src = new URL('/sandbox/jsapi/check.js?' + new URLSearchParams(asked), home);
      document.head.append(script);
    },
    invoke: function (name, params, tell) {
      // Which of the two shapes a callback has, no document says.
      var one = function (said, success, code) { tell(Object.assign({ code: code }, said)); };
      var shape = chosen.shape === 'one' ? one : tell;
      if (!scope || scope.indexOf(name) < 0) {
        calls.push({ action: name, params: params, by: 'WeiboJS', code: 403, answered: true });
        setTimeout(function () { shape({}, false, 403); }, 5);
        return;
      }
      answer(name, params, 'WeiboJS', shape);
    },
    on: on
  };
})(/* chosen */ {});
