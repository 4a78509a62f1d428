import os.path, xml.dom.minidom, concurrent.futures.thread
xml.sax
