import xml.dom as d
xml
