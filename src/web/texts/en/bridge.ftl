# What the Weibo client makes easier; nothing here is needed to buy
bridge-share = Share
bridge-share-denied = Weibo may not share here; please use the menu at the top right
bridge-locate = My province and city
bridge-address = My Weibo address
bridge-contact = Contacts
bridge-filled = Filled in; please check it
bridge-kept = What you typed has not been changed
bridge-denied-client = Weibo has no permission. Allow it under Settings → Weibo on your phone, or just type
bridge-denied-browser = The browser has no permission. Allow it in the site settings beside the address, or just type
bridge-lost = Your location was not found; please type
bridge-abroad = You do not seem to be in China; please type
bridge-nothing = There was no address to use; please type
bridge-scan = Scan
bridge-scan-nothing = No code is seen in the photo. Please come closer, or type it
bridge-pick = Camera or album
bridge-camera-denied = Weibo has no permission. Allow camera and photos under Settings → Weibo on your phone
